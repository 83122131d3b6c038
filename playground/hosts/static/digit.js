// Small grey pictures on the page.

// A canvas of a picture of size x size numbers from 0 to 1: ink where it is 1, nothing where it is 0.
export function draw(data, size, label) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size;
  canvas.className = "picture digit";
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  const image = new ImageData(size, size);
  data.forEach((value, i) => image.data.set([27, 27, 31, Math.round(255 * value)], 4 * i)); // inverted on dark paper
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// Canvases in a grid, so many in a row where there is room, each with a caption or none, and at most so many CSS pixels wide.
export function gallery(pictures, captions = [], columns = 10, largest = 0) {
  const grid = document.createElement("div");
  grid.className = "gallery";
  grid.style.setProperty("--columns", columns);
  if (largest) grid.style.setProperty("--largest", `${largest}px`);
  pictures.forEach((picture, i) => {
    const figure = document.createElement("figure");
    figure.append(picture);
    if (captions[i]) figure.append(Object.assign(document.createElement("figcaption"), { textContent: captions[i] }));
    grid.append(figure);
  });
  return grid;
}

// All pictures of the page in one, `columns` in a row, each four times as large, black on white.
export function sheet(pictures, columns) {
  const zoom = 4;
  const side = pictures[0].width * zoom;
  const canvas = document.createElement("canvas");
  canvas.width = side * Math.min(columns, pictures.length);
  canvas.height = side * Math.ceil(pictures.length / columns);
  const pen = canvas.getContext("2d");
  pen.imageSmoothingEnabled = false;
  pictures.forEach((picture, i) => pen.drawImage(picture, (i % columns) * side, Math.floor(i / columns) * side, side, side));
  return canvas;
}

const PACE = 90; // ms a frame, as the app's films have it

// Frames that play to and fro beside themselves; who asked for reduced motion sees them still.
export function moving(frames, size, alt) {
  const film = document.createElement("div");
  film.className = "film";
  const played = draw(frames[0], size, alt);
  played.classList.add("played");
  const steps = frames.map((frame, i) => draw(frame, size, `${alt}: step ${i}`));
  film.append(played, ...steps);
  const turn = 2 * (frames.length - 1);
  function play(now) {
    const at = Math.floor(now / PACE) % turn;
    const pen = played.getContext("2d");
    pen.clearRect(0, 0, size, size);
    pen.drawImage(steps[at < frames.length ? at : turn - at], 0, 0);
    if (film.isConnected) requestAnimationFrame(play);
  }
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) requestAnimationFrame(play);
  return film;
}
