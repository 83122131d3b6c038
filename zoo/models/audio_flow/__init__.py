"""Audio flow: spoken words by flow matching (arXiv 2210.02747) in the latent space of an autoencoder (arXiv 2112.10752).

An autoencoder keeps a few numbers of every 16 ms of a spectrogram. A small transformer (DiT, arXiv 2212.09748) learns the velocity that carries
noise to such sequences in a straight line, for a word and a voice:

    z_t = (1 - t) e + t z,   loss = ||v(z_t, t, word, voice) - (z - e)||^2,   dz/dt = v,   e ~ N(0, I)

How long a word lasts is drawn first, from how its logarithm was distributed for that word and voice. Word and voice are withheld at random in
training, so that what they change can be exaggerated (classifier-free guidance, arXiv 2207.12598). The way back from a recording to its noise
keeps how it was said, and forgets what the condition says: with another voice it is the same utterance by someone else.
"""

from zoo.models.audio_flow.model import AudioFlow, Config

__all__ = ["MAKES", "PAPER", "PICTURES", "TAKES", "TASK", "USE", "AudioFlow", "Config", "Model"]

PAPER = "arXiv:2210.02747"
TASK, TAKES, MAKES = "generate", ("noise", "word", "voice"), "sound"
USE = """s, frames = model.sample(4, seed=3, word=7, voice=2)  # (4, 128, T) in [-1, 1]
x = zoo.load("vocoder.speech").decode(s)  # (4, 64 (T - 1)) in [-1, 1], 8,000 samples a second"""
PICTURES: dict[str, str] = {}
Model = AudioFlow
