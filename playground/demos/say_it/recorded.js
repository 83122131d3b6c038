// A visitor's own voice, as recorded.py: what of a recording an encoder keeps and what it forgets, said again in each voice.

import { word as cut } from "./cut.js";
import { HOP } from "./fourier.js";
import { spectrogram } from "./sound.js";

// A function from values to what there is to hear: {told, parts: [{title, sound()}], count(found)}.
export function recorder(says, { models, explained }) {
  // A waveform, a sentence about it, and who says it where that is known.
  async function given(v) {
    if (!v.recording) return { x: (await says.main(v)).x, title: "The word above", note: "Until you record or bring a word: the one above.", own: true };
    const { x, start, whole } = await cut(v.recording);
    const [seconds, from] = [x.length / 8000, start].map((value) => value.toFixed(2));
    const note = `Cut out of ${whole.toFixed(1)} seconds: ${seconds} from ${from} on.`;
    return { x: x.subarray(0, (2 * says.model(v).lasts.longest - 1) * HOP), title: "Your recording", note, own: false };
  }

  return async (v) => {
    const { words, voices, judges } = says.model(v);
    let found;
    try {
      found = await given(v);
    } catch (error) {
      return { told: error.message, parts: [], count: () => "" };
    }
    const { x, title, note, own } = found;
    const whole = spectrogram(x);
    const frames = whole.frames - (whole.frames % 2);
    const s = { data: whole.data.filter((_, at) => at % whole.frames < frames), frames };
    const told = await says.hear(v, x);
    let meant = own ? says.word(v) : v.meant;
    if (!words.includes(meant)) meant = told.word ? told.word[0][0] : words[0];
    const asked = says.alone(words, meant);
    const nearest = told.voice?.[0][0]; // of the voices that a listener knows
    const by = own ? says.voice(v) : nearest;
    const who = by ? says.alone(voices, by) : voices.map(() => 1 / voices.length);
    const here = [says.model(v), ...models.filter(({ name, words: known }) => name !== v.model && String(known) === String(words))];

    const parts = [
      { title, sound: async () => ({ x, told }) },
      { title: "Its spectrogram, spoken", sound: () => says.sounding(v, whole) },
    ];
    for (const model of here.filter(({ flow }) => flow)) {
      const kept = async () => says.sounding(v, await (await says.mouth(model)).kept(s));
      parts.push({ title: `Kept in ${model.channels} numbers a patch`, sound: kept });
    }
    for (const model of here) {
      let z;
      const again = async (index) => {
        const speaks = await says.mouth(model);
        z ??= await speaks.encode(s, asked, who);
        return says.sounding(v, await speaks.decode(z, frames, asked, says.alone(voices, voices[index]), { index }));
      };
      voices.forEach((voice, i) => parts.push({ title: `${voice}, ${model.kind}`, model, voice, sound: () => again(i) }));
    }

    // In how many of what each model said the listener heard the word, and the voice that was asked for.
    function count(sounds) {
      const lines = here.map((model) => {
        const its = sounds.map((one, i) => ({ ...one, ...parts[i] })).filter((one) => one.model === model);
        const right = its.filter(({ told }) => told.word[0][0] === meant).length;
        const hits = its.filter(({ told, voice }) => told.voice?.[0][0] === voice).length;
        return `${model.title}: “${meant}” in ${right} of ${its.length}${judges.voice ? `, the voice that was asked for in ${hits}` : ""}`;
      });
      return `What the listener hears. ${lines.join("; ")}.`;
    }

    return { told: `${note} ${explained[!own && nearest ? 1 : 0].replace("WORD", meant).replace("WHO", nearest)}`, parts, count: judges.word ? count : () => "" };
  };
}
