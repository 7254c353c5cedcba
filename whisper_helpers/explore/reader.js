// Runs when the picture of a plot is there (`this`): pointing, clicking and arrow keys read the cell below.
(function (image) {
  const plot = image.closest('.wh-plot'), home = plot.parentElement.parentElement;
  const out = plot.parentElement.querySelector('output'), lines = plot.querySelectorAll('.wh-line');
  const about = JSON.parse(plot.dataset.about), columns = image.naturalWidth, rows = image.naturalHeight;
  let levels = null;

  function level(column, row) {
    if (!levels) {
      const canvas = document.createElement('canvas');
      canvas.width = columns; canvas.height = rows;
      const pen = canvas.getContext('2d', {willReadFrequently: true});
      pen.drawImage(image, 0, 0);
      const shades = new Map();
      for (let i = 0; i < 256; i++) shades.set(about.palette.slice(6 * i, 6 * i + 6), i);
      const seen = pen.getImageData(0, 0, columns, rows).data;
      levels = (x, y) => {
        const at = 4 * (y * columns + x);
        const colour = [0, 1, 2].map(i => seen[at + i].toString(16).padStart(2, '0')).join('');
        return about.low + (about.high - about.low) * (shades.get(colour) ?? NaN) / 255;
      };
    }
    return levels(column, rows - 1 - row);
  }

  function show(place) {
    lines.forEach(line => { line.hidden = !place; });
    if (!place) { out.textContent = about.hint; return; }
    const column = Math.min(columns - 1, Math.max(0, Math.floor(place.seconds / about.hop + 1e-6)));
    const row = Math.min(rows - 1, Math.max(0, place.row));
    const value = level(column, row), loudest = Math.round(40 * (value - about.high));
    const words = about.kind === 'level'
      ? `level ${value.toFixed(2)}, ${loudest === 0 ? 0 : loudest} dB against the loudest`
      : `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}, ${Math.round(40 * value)} dB against Whisper`;
    out.textContent =
      `${(column * about.hop).toFixed(2)} s · channel ${row} · ${about.hertz[row].toLocaleString('en')} Hz · ${words}`;
    lines[0].style.left = `${100 * (column + 0.5) / columns}%`;
    lines[1].style.bottom = `${100 * (row + 0.5) / rows}%`;
  }

  function pointed(event) {
    const box = image.getBoundingClientRect();
    const row = Math.floor((box.bottom - event.clientY) / box.height * rows);
    return {seconds: (event.clientX - box.left) / box.width * columns * about.hop, row: Math.min(row, rows - 1)};
  }

  plot.onpointermove = event => show(pointed(event));
  plot.onpointerleave = () => show(home.whPlace);
  plot.onclick = event => { home.whPlace = pointed(event); show(home.whPlace); };
  plot.onkeydown = event => {
    const step = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]}[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const old = home.whPlace || {seconds: 0, row: 0}, last = (columns - 1) * about.hop;
    const seconds = Math.floor(old.seconds / about.hop + 1e-6) * about.hop + step[0] * about.hop;
    home.whPlace = {seconds: Math.min(last, Math.max(0, seconds)), row: Math.min(rows - 1, Math.max(0, old.row + step[1]))};
    show(home.whPlace);
  };
  show(home.whPlace);
})(this);
