import { sizes } from '../../../common/check-options.js';

export const inputShapeRule = sizes(3, '[height, width, 3] in pixels', Number.isInteger);
