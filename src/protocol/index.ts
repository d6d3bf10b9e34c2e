export * from './control.js';
export * from './events.js';
export * from './panel.js';
export * from './panel-check.js';
export * from './run.js';
export * from './service.js';
export * from './service-check.js';
