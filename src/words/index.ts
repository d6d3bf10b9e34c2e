export * from './names.js';
export * from './translate.js';
