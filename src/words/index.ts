export * from './evidence.js';
export * from './escape.js';
export * from './names.js';
export * from './numbers.js';
export * from './smooth.js';
export * from './surfaces.js';
export * from './translate.js';
