export * from './evidence.js';
export * from './names.js';
export * from './numbers.js';
export * from './translate.js';
