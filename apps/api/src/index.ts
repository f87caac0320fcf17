/** What a process needs to run an api node. */
export { ApiNode, type ApiParts } from './api-node.ts'
export { createMetrics } from './rest/health/metrics.ts'
export { readSettings, type Settings } from './settings.ts'
export { Stores } from './store/index.ts'
