import type { Reporter, TestModule } from 'vitest/node'

/** Names, at the end of a run, every test that passed only when it was run again: each is a defect to be mended, not hidden. */
export default class Unsteady implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const names: string[] = []
    for (const module of modules)
      for (const test of module.children.allTests())
        if (test.diagnostic()?.flaky === true)
          names.push(`${module.moduleId.split('/').slice(-2).join('/')}: ${test.fullName}`)
    if (names.length > 0)
      process.stdout.write(`\n! passed only when run again:\n${names.map((name) => `  ${name}\n`).join('')}`)
  }
}
