export * from './activity.js';
export * from './evidence.js';
export * from './names.js';
export * from './numbers.js';
export * from './smooth.js';
export * from './titles.js';
export * from './translate.js';
