export { adapterById, adapterFor, sourceKind, sourceKinds } from './adapters.ts'
