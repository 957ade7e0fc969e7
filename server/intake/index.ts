export { adapterById, adapterFor, sourceKind, sourceKinds } from './adapters.ts'
export { type IntakeParts, intakeRoutes, makeIntakeDoor, makeIntakeHandler, settingsFor } from './door.ts'
export { makeSnsOutside } from './sns-certificates.ts'
