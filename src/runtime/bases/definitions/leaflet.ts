import { bundledText } from '../application.js';

/**
 * leaflet: Graft's own small base for texts, which comes with it. A vector for each token, their mean at length 1: tokens → 192 numbers,
 * distilled from all-MiniLM-L6-v2 on texts made by formulas (tools/leaflet). English. Its vectors do not train.
 */
export const leaflet = bundledText({
  name: 'leaflet',
  call: 'leaflet',
  label: 'leaflet',
  family: 'leaflet',
  units: 192,
  longest: 2048,
  parameters: 5_369_260,
  licence: 'Apache-2.0',
  layers: 1,
  freezePoints: [['vectors', 1]],
});
