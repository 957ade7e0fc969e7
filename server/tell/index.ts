export { type Metrics, makeMetrics } from './metrics.ts'
export { frameEveryMs, makeTelling, type Telling } from './telling.ts'
