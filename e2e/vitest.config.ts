import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Beside the file they test as all others, but seconds long: whole disks, killed processes, every cell of a database. */
const long = '{shared,server,client}/**/*.long.test.{ts,tsx}'

/**
 * Three projects, from fast to real. A test lives beside the file it tests (`unit`, what `npm run check` runs), or in
 * `e2e` when it needs processes, sockets or a browser. One that takes seconds is named `*.long.test.ts` and runs with those
 * (`integration`). Everything runs in Node; a component is rendered with react-dom/server.
 */
export default defineConfig({
  root,
  plugins: [react()],
  test: {
    // A second, as it is otherwise, is not long on a busy machine.
    expect: { poll: { interval: 25, timeout: 20_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          environment: 'node',
          include: ['{shared,server,client}/**/*.test.{ts,tsx}', 'e2e/house.test.ts'],
          // Hashing and property tests on two busy cores take their time; a test that hangs is still ended.
          testTimeout: 30_000,
          exclude: ['**/node_modules/**', 'client/dist/**', long],
          // Modules hold no state, because rooms are wired by arguments: files that load them once take a third of the time.
          isolate: false,
          // Left to itself Vitest keeps one core free, which on two cores is half of them.
          maxWorkers: Math.max(2, availableParallelism() - 1),
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          environment: 'node',
          include: ['e2e/**/*.test.ts', long],
          exclude: ['e2e/journeys/**', 'e2e/house.test.ts'],
          // Generous: what is waited for says itself what was missing (`world/until.ts`), long before this.
          testTimeout: 120_000,
          hookTimeout: 180_000,
          // Most of them wait for other programs.
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'journeys',
          environment: 'node',
          include: ['e2e/journeys/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // Each starts a server and a browser: two at a time fill two cores, more would time each other out.
          maxWorkers: 2,
        },
      },
    ],
  },
})
