export * from './control.js';
export * from './events.js';
export * from './run.js';
export * from './service.js';
