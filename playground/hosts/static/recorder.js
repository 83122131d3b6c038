// A sound that a visitor records, where the browser has a microphone and lets the page listen, or brings as a file. It stays in the page.

import { element } from "./element.js";

const LONGEST = 60_000; // ms

// What records and takes files: `take(file)` gets what there is, `fail(message)` why there is nothing.
export function recorder({ label, types, most }, take, fail) {
  const megabytes = Math.floor(most / 2 ** 20);
  const kept = (file) => {
    if (file.size > most) return fail(`The sound is over ${megabytes} MB: choose a smaller one.`);
    take(file);
  };
  const input = element("input", { type: "file", accept: types.map((type) => `.${type}`).join(","), ariaLabel: `${label}: a file, up to ${megabytes} MB` });
  input.onchange = () => input.files.length && kept(input.files[0]);
  const button = element("button", { type: "button", textContent: "Record" });
  let [listening, asks] = [null, false];
  button.onclick = async () => {
    if (listening) return listening.stop();
    if (asks) return; // the browser asks for leave
    asks = true;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const parts = [];
      listening = new MediaRecorder(stream);
      listening.ondataavailable = ({ data }) => parts.push(data);
      listening.onstop = () => {
        stream.getTracks().forEach((track) => track.stop());
        const { mimeType } = listening;
        listening = null;
        button.textContent = "Record again";
        input.value = "";
        kept(new File(parts, label, { type: mimeType }));
      };
      listening.start();
      button.textContent = "Stop";
      setTimeout((one) => one === listening && one.stop(), LONGEST, listening);
    } catch (error) {
      listening = null;
      fail(`The microphone cannot be used (${error.message}): allow it in the browser, or bring a file.`);
    }
    asks = false;
  };
  const here = globalThis.isSecureContext && navigator.mediaDevices && globalThis.MediaRecorder;
  return { parts: [...(here ? [element("div", { className: "options" }, button)] : []), input], forget: () => (input.value = "") };
}
