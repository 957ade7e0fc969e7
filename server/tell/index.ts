export { frameEveryMs, makeTelling, type Telling } from './telling.ts'
