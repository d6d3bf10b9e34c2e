// Draws the sample pictures: sample/garden, four kinds of garden finds, 48 pictures of each, 144 × 144 pixels.
// Every picture comes from formulas and a seed; no photograph is involved. Run: node tools/sample/make.mjs [FOLDER [PER_CLASS]]
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import sharp from 'sharp';

const [folder, number = '48'] = process.argv.slice(2);
const root = path.resolve(folder ?? path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..', 'sample', 'garden'));
const side = 144;
const perClass = Number(number);

/** mulberry32, with the helpers that drawing needs. */
function dice(seed) {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const between = (low, high) => low + (high - low) * random();
  return {
    random,
    between,
    integer: (low, high) => Math.floor(between(low, high + 1)),
    pick: (list) => list[Math.floor(random() * list.length)],
    normal: (mean, deviation) => mean + deviation * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  };
}

const hsl = (h, s, l, a = 1) => `hsla(${(((h % 360) + 360) % 360).toFixed(0)},${Math.max(0, Math.min(100, s)).toFixed(0)}%,${Math.max(0, Math.min(100, l)).toFixed(0)}%,${a})`;
const n = (value) => value.toFixed(1);
const points = (list) => list.map(([x, y]) => `${n(x)},${n(y)}`).join(' ');

/** A closed smooth curve through points (Catmull–Rom). */
function smooth(list) {
  const at = (i) => list[(i + list.length) % list.length];
  let d = `M${n(at(0)[0])} ${n(at(0)[1])}`;
  for (let i = 0; i < list.length; i++) {
    const [a, b, c, e] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    d += `C${n(b[0] + (c[0] - a[0]) / 6)} ${n(b[1] + (c[1] - a[1]) / 6)} ${n(c[0] - (e[0] - b[0]) / 6)} ${n(c[1] - (e[1] - b[1]) / 6)} ${n(c[0])} ${n(c[1])}`;
  }
  return `${d}Z`;
}

// Every kind may have any of these colours, so that colour alone does not tell them apart.
const hues = [8, 24, 38, 52, 78, 110, 150, 200, 265, 330];

function leaf(d) {
  const hue = d.pick(hues) + d.normal(0, 8);
  const [length, width] = [d.between(44, 58), d.between(15, 30)];
  const teeth = d.pick([0, 0, 9, 13]);
  const tip = d.between(0.35, 0.65);
  const outline = [];
  const steps = 40;
  for (let i = 0; i <= steps; i++) {
    const t = i / steps;
    const tooth = teeth === 0 ? 1 : 1 + 0.12 * Math.abs(Math.sin(Math.PI * teeth * t));
    const bulge = Math.sin(Math.PI * t ** (Math.log(0.5) / Math.log(tip))) ** 0.85;
    outline.push([width * bulge * tooth, -length + 2 * length * t]);
  }
  const other = outline.slice(1, -1).map(([x, y]) => [-x, y]).reverse();
  const veins = [];
  const count = d.integer(5, 8);
  for (let i = 1; i <= count; i++) {
    const y = -length + (2 * length * i) / (count + 1);
    for (const sign of [-1, 1]) veins.push(`M0 ${n(y)}Q${n(sign * width * 0.4)} ${n(y - 5)} ${n(sign * width * 0.72)} ${n(y - 13)}`);
  }
  const [s, l] = [d.between(35, 70), d.between(30, 52)];
  return `<path d="M0 ${n(length)}q${n(d.normal(0, 4))} 8 ${n(d.normal(0, 7))} 18" stroke="${hsl(hue + 10, s - 12, l - 16)}" stroke-width="3" fill="none" stroke-linecap="round"/>
    <polygon points="${points([...outline, ...other])}" fill="url(#body)" stroke="${hsl(hue, s, l - 16)}" stroke-width="1.2" stroke-linejoin="round"/>
    <path d="M0 ${n(-length)}V${n(length)}${veins.join('')}" stroke="${hsl(hue, s - 10, l + 18, 0.7)}" stroke-width="1.1" fill="none"/>
    ${gradient(hue, s, l)}`;
}

function shell(d) {
  const hue = d.pick(hues) + d.normal(0, 8);
  const [s, l] = [d.between(20, 60), d.between(52, 74)];
  const ribs = d.integer(9, 15);
  const [radius, spread] = [d.between(46, 56), d.between(1.0, 1.35)];
  const rim = [];
  const lines = [];
  for (let i = 0; i <= ribs; i++) {
    const angle = -Math.PI / 2 + spread * ((2 * i) / ribs - 1);
    const r = radius * (1 - 0.1 * ((2 * i) / ribs - 1) ** 2);
    rim.push([r * Math.cos(angle), r * Math.sin(angle) + 30]);
    if (i < ribs) {
      const next = -Math.PI / 2 + spread * ((2 * (i + 0.5)) / ribs - 1);
      rim.push([(r + 4) * Math.cos(next), (r + 4) * Math.sin(next) + 30]);
    }
    lines.push(`M0 34L${n(r * Math.cos(angle))} ${n(r * Math.sin(angle) + 30)}`);
  }
  const bands = Array.from({ length: d.integer(2, 4) }, (_, i) => {
    const r = radius * (0.35 + 0.18 * i + d.between(0, 0.08));
    const from = [r * Math.cos(-Math.PI / 2 - spread), r * Math.sin(-Math.PI / 2 - spread) + 30];
    const to = [r * Math.cos(-Math.PI / 2 + spread), r * Math.sin(-Math.PI / 2 + spread) + 30];
    return `<path d="M${n(from[0])} ${n(from[1])}A${n(r)} ${n(r)} 0 0 1 ${n(to[0])} ${n(to[1])}" stroke="${hsl(hue - 12, s + 10, l - 18, 0.5)}" stroke-width="${n(d.between(2, 5))}" fill="none"/>`;
  }).join('');
  const ear = d.between(8, 13);
  return `<path d="M${n(-ear - 6)} 38L${n(-ear)} 24H${n(ear)}L${n(ear + 6)} 38Q0 46 ${n(-ear - 6)} 38Z" fill="${hsl(hue, s, l - 8)}"/>
    <path d="M-3 38L${rim.map(([x, y]) => `${n(x)} ${n(y)}`).join('L')}L3 38Z" fill="url(#body)" stroke="${hsl(hue, s, l - 25)}" stroke-width="1.2" stroke-linejoin="round"/>
    ${bands}<path d="${lines.join('')}" stroke="${hsl(hue, s, l - 22, 0.55)}" stroke-width="1.3"/>${gradient(hue, s, l)}`;
}

function mushroom(d) {
  const hue = d.pick(hues) + d.normal(0, 8);
  const [s, l] = [d.between(35, 75), d.between(38, 60)];
  const [cap, height, stem] = [d.between(36, 52), d.between(24, 44), d.between(7, 13)];
  const flat = d.between(0.5, 1);
  const lean = d.normal(0, 6);
  const spots = Array.from({ length: d.pick([0, 5, 9, 13]) }, () => {
    const [u, v] = [d.between(-0.8, 0.8), d.between(0.15, 0.85)];
    return `<ellipse cx="${n(u * cap * Math.sqrt(1 - v * 0.8))}" cy="${n(-v * height * 0.85 + lean * 0)}" rx="${n(d.between(2, 5))}" ry="${n(d.between(1.5, 3.5))}" fill="${hsl(hue + 30, 30, 90, 0.9)}"/>`;
  }).join('');
  const gills = Array.from({ length: 15 }, (_, i) => `M${n((i / 7 - 1) * cap * 0.9)} 1L${n((i / 7 - 1) * stem * 0.7)} 8`).join('');
  return `<path d="M${n(-stem * 0.7)} 4C${n(-stem * 0.6)} 24 ${n(lean - stem)} 38 ${n(lean - stem * 1.2)} 50Q${n(lean)} 57 ${n(lean + stem * 1.2)} 50C${n(lean + stem)} 38 ${n(stem * 0.6)} 24 ${n(stem * 0.7)} 4Z" fill="${hsl(hue + 25, d.between(8, 25), d.between(74, 90))}" stroke="${hsl(hue + 20, 15, 55)}" stroke-width="1"/>
    <ellipse cx="0" cy="2" rx="${n(cap * 0.95)}" ry="7" fill="${hsl(hue + 20, 25, 72)}"/><path d="${gills}" stroke="${hsl(hue + 15, 22, 50, 0.6)}" stroke-width="0.9"/>
    <path d="M${n(-cap)} 2C${n(-cap * flat)} ${n(-height * 1.25)} ${n(cap * flat)} ${n(-height * 1.25)} ${n(cap)} 2Q0 ${n(d.between(-8, 4))} ${n(-cap)} 2Z" fill="url(#body)" stroke="${hsl(hue, s, l - 18)}" stroke-width="1.2"/>
    ${spots}${gradient(hue, s, l)}`;
}

function beetle(d) {
  const hue = d.pick(hues) + d.normal(0, 8);
  const [s, l] = [d.between(35, 80), d.between(26, 50)];
  const [length, width] = [d.between(32, 44), d.between(20, 29)];
  const dark = hsl(hue, s * 0.4, 14);
  const legs = [-0.35, 0.15, 0.6].flatMap((y, i) =>
    [-1, 1].map((sign) => {
      const [knee, foot] = [width + d.between(8, 13), width + d.between(12, 22)];
      const [dy, fy] = [(i - 1) * 9 + d.normal(0, 2), (i - 1) * 20 + d.normal(0, 3)];
      return `M${n(sign * width * 0.7)} ${n(y * length)}L${n(sign * knee)} ${n(y * length + dy)}L${n(sign * foot)} ${n(y * length + fy)}`;
    }),
  );
  const feelers = [-1, 1].map((sign) => `M${n(sign * 4)} ${n(-length - 12)}Q${n(sign * 14)} ${n(-length - 20)} ${n(sign * d.between(16, 26))} ${n(-length - d.between(12, 24))}`);
  const marks = d.pick([
    () => Array.from({ length: d.integer(2, 4) }, (_, i) => [-1, 1].map((sign) => `<circle cx="${n(sign * width * (i % 2 === 0 ? 0.42 : 0.6))}" cy="${n(-length * 0.35 + i * length * 0.4)}" r="${n(d.between(3, 5.5))}" fill="${dark}"/>`).join('')).join(''),
    () => `<path d="${Array.from({ length: 4 }, (_, i) => [-1, 1].map((sign) => `M${n(sign * width * (0.2 + 0.2 * i))} ${n(-length * 0.5)}Q${n(sign * width * (0.24 + 0.22 * i))} 0 ${n(sign * width * (0.15 + 0.14 * i))} ${n(length * 0.75)}`).join('')).join('')}" stroke="${hsl(hue, s, l - 15, 0.8)}" stroke-width="1.2" fill="none"/>`,
    () => '',
  ])();
  const body = smooth([[0, -length * 0.72], [width * 0.85, -length * 0.5], [width, length * 0.1], [width * 0.6, length * 0.8], [0, length], [-width * 0.6, length * 0.8], [-width, length * 0.1], [-width * 0.85, -length * 0.5]]);
  return `<path d="${legs.join('')}" stroke="${dark}" stroke-width="3" fill="none" stroke-linecap="round" stroke-linejoin="round"/>
    <path d="${feelers.join('')}" stroke="${dark}" stroke-width="2" fill="none" stroke-linecap="round"/>
    <ellipse cx="0" cy="${n(-length - 6)}" rx="${n(width * 0.42)}" ry="9" fill="${dark}"/>
    <ellipse cx="0" cy="${n(-length * 0.72)}" rx="${n(width * 0.78)}" ry="${n(length * 0.26)}" fill="${hsl(hue, s * 0.7, l - 12)}"/>
    <path d="${body}" fill="url(#body)" stroke="${dark}" stroke-width="1.4"/><path d="M0 ${n(-length * 0.7)}V${n(length * 0.98)}" stroke="${dark}" stroke-width="1.3"/>${marks}
    <ellipse cx="${n(-width * 0.35)}" cy="${n(-length * 0.25)}" rx="${n(width * 0.2)}" ry="${n(length * 0.3)}" fill="white" opacity="0.28"/>${gradient(hue, s, l)}`;
}

function gradient(hue, s, l) {
  return `<defs><radialGradient id="body" cx="38%" cy="30%" r="85%"><stop offset="0" stop-color="${hsl(hue + 8, s, l + 16)}"/><stop offset="0.6" stop-color="${hsl(hue, s, l)}"/><stop offset="1" stop-color="${hsl(hue - 8, s, l - 14)}"/></radialGradient></defs>`;
}

/** What it lies on: soil, moss, wood, stone, sand, paper; with litter that says nothing about the class. */
function ground(d, id) {
  const kind = d.pick(['soil', 'moss', 'wood', 'stone', 'sand', 'paper']);
  const base = { soil: [26, 28, 26], moss: [95, 30, 34], wood: [30, 35, 52], stone: [215, 6, 58], sand: [42, 38, 76], paper: [45, 20, 92] }[kind];
  const [h, s, l] = [base[0] + d.normal(0, 6), base[1] + d.normal(0, 4), base[2] + d.normal(0, 5)];
  const frequency = { soil: '0.09', moss: '0.14', wood: '0.012 0.16', stone: '0.035', sand: '0.5', paper: '0.7' }[kind];
  const strength = kind === 'paper' ? 0.12 : kind === 'sand' ? 0.28 : 0.55;
  const litter = Array.from({ length: d.integer(2, 9) }, () => {
    const [x, y, r] = [d.between(0, side), d.between(0, side), d.between(2, 8)];
    const fill = hsl(d.pick(hues), d.between(10, 45), l + d.pick([-1, 1]) * d.between(8, 20), 0.75);
    return d.pick([
      () => `<ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(r)}" ry="${n(r * d.between(0.3, 1))}" fill="${fill}" transform="rotate(${n(d.between(0, 180))} ${n(x)} ${n(y)})"/>`,
      () => `<path d="M${n(x)} ${n(y)}q${n(d.normal(0, 12))} ${n(d.normal(0, 12))} ${n(d.normal(0, 26))} ${n(d.normal(0, 26))}" stroke="${fill}" stroke-width="${n(d.between(0.8, 2.6))}" fill="none"/>`,
      () => `<polygon points="${points(Array.from({ length: 5 }, (_, i) => [x + r * d.between(0.6, 1.2) * Math.cos(i * 1.257), y + r * d.between(0.6, 1.2) * Math.sin(i * 1.257)]))}" fill="${fill}"/>`,
    ])();
  }).join('');
  return `<filter id="grain" x="0" y="0" width="100%" height="100%"><feTurbulence type="fractalNoise" baseFrequency="${frequency}" numOctaves="4" seed="${id}"/><feColorMatrix values="0 0 0 0 0  0 0 0 0 0  0 0 0 0 0  0.9 0.6 0 0 -0.45"/></filter>
    <rect width="${side}" height="${side}" fill="${hsl(h, s, l)}"/><rect width="${side}" height="${side}" filter="url(#grain)" opacity="${strength}"/>${litter}`;
}

function picture(draw, seed) {
  const d = dice(seed);
  const scene = ground(d, seed % 1000);
  const [x, y, turn, scale] = [side / 2 + d.normal(0, 9), side / 2 + d.normal(0, 9), d.between(0, 360), d.between(0.62, 1.05)];
  const mirrored = d.random() < 0.5 ? -1 : 1;
  const place = `translate(${n(x)} ${n(y)}) rotate(${n(turn)}) scale(${n(scale * mirrored)} ${n(scale)})`;
  const subject = draw(d);
  const light = d.between(0, 360);
  const [lx, ly] = [Math.cos((light * Math.PI) / 180), Math.sin((light * Math.PI) / 180)];
  const shadow = `<filter id="shadow" x="-50%" y="-50%" width="200%" height="200%"><feGaussianBlur stdDeviation="${n(d.between(1.5, 4))}"/><feColorMatrix values="0 0 0 0 0  0 0 0 0 0  0 0 0 0 0  0 0 0 0.55 0"/></filter>`;
  const glow = `<radialGradient id="light" cx="${n(50 - 40 * lx)}%" cy="${n(50 - 40 * ly)}%" r="95%"><stop offset="0" stop-color="white" stop-opacity="${n(d.between(0, 0.25))}"/><stop offset="1" stop-color="black" stop-opacity="${n(d.between(0.1, 0.5))}"/></radialGradient>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}">${shadow}<defs>${glow}</defs>${scene}
    <g filter="url(#shadow)" transform="translate(${n(4 * lx)} ${n(4 * ly)})"><g transform="${place}">${subject}</g></g>
    <g transform="${place}">${subject}</g><rect width="${side}" height="${side}" fill="url(#light)"/></svg>`;
}

const kinds = { beetle, leaf, mushroom, shell };
await rm(root, { recursive: true, force: true });
for (const [index, [name, draw]] of Object.entries(kinds).entries()) {
  await mkdir(path.join(root, name), { recursive: true });
  for (let i = 0; i < perClass; i++) {
    const seed = 20261124 + index * 1000 + i;
    const d = dice(seed ^ 0x5bd1e995);
    await sharp(Buffer.from(picture(draw, seed)))
      .blur(d.between(0.3, 0.9))
      .modulate({ brightness: d.between(0.8, 1.15), saturation: d.between(0.6, 1.1) })
      .jpeg({ quality: 80 })
      .toFile(path.join(root, name, `${name}-${String(i + 1).padStart(2, '0')}.jpg`));
  }
}
