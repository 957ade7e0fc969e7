import { z } from 'zod'
import { minuteMs } from '../clocks.ts'
import { CommandRefused } from '../errors.ts'
import type { Command } from './commands.ts'
import type { Context } from './context.ts'
import type { Fact, FactOf } from './facts.ts'
import { requireNotEnded, requireRevision } from './guards.ts'
import type { Incident } from './state.ts'

export const taskStates = ['open', 'done', 'dropped'] as const
export const taskStateSchema = z.enum(taskStates)
export type TaskState = z.output<typeof taskStateSchema>

/** Something that somebody is to do for an incident. Instants are epoch ms. */
export interface Task {
  /** Its number in this incident, from 1. */
  id: number
  text: string
  state: TaskState
  /** Who does it; null: whoever takes it. */
  person: string | null
  /** By when; null: no time was agreed. */
  dueAt: number | null
  addedAt: number
  /** When its state was last changed. */
  changedAt: number
}

const instant = z.iso.datetime({ precision: 3 })
/** A task as it leaves the server. */
export const taskViewSchema = z.strictObject({
  id: z.number().describe('Its number in this incident'),
  text: z.string(),
  state: taskStateSchema,
  person: z.strictObject({ id: z.string(), name: z.string() }).nullable().describe('null: whoever takes it'),
  dueAt: instant.nullable(),
  changedAt: instant.describe('When its state was last changed'),
})
export type TaskView = z.output<typeof taskViewSchema>

/** What a list of incidents says of the tasks of one. */
export const taskSumSchema = z.strictObject({
  open: z.number(),
  nextDueAt: instant.nullable().describe('The first time that is due, or is past'),
})

/** So many may be open at once, and so many there may ever be in one incident: a list that nobody reads helps nobody. */
export const mostOpenTasks = 50
export const mostTasks = 200

type TaskCommand = Extract<Command, { type: 'add-task' | 'set-task' }>

/**
 * What follows if a task is added or changed. Rule T1: anybody who responds may, while the incident has not ended for good.
 * A task never changes who owns the incident.
 * @throws CommandRefused when the incident has ended, there are too many, there is no such task, or nothing would change
 */
export function decideTask(command: TaskCommand, incident: Incident, context: Context): Fact[] {
  requireRevision(command, incident)
  const { now: at, by } = context
  const tasks = incident.tasks ?? []
  const dueOf = (inMin: number | null): number | null => (inMin === null ? null : at + inMin * minuteMs)
  if (command.type === 'add-task') {
    requireNotEnded(incident, 'add a task')
    requireRoom(tasks)
    if (tasks.length >= mostTasks)
      throw new CommandRefused('phase-forbids', `It has had ${mostTasks} tasks, and there is no room for more.`)
    const { text, person, dueInMin } = command
    return [
      {
        type: 'task-added',
        at,
        by,
        task: tasks.length + 1,
        text,
        person: person ?? null,
        dueAt: dueOf(dueInMin ?? null),
      },
    ]
  }
  requireNotEnded(incident, 'change a task')
  const task = tasks.find(({ id }) => id === command.task)
  if (task === undefined)
    throw new CommandRefused('not-found', `${incident.id} has no task ${command.task}. Look again at its list.`)
  const { state } = command
  const person = command.person === undefined ? task.person : command.person
  const dueAt = command.dueInMin === undefined ? task.dueAt : dueOf(command.dueInMin)
  const changed: FactOf<'task-set'>['changed'] = []
  if (state !== task.state) changed.push('state')
  if (person !== task.person) changed.push('person')
  if (dueAt !== task.dueAt) changed.push('due')
  if (changed.length === 0)
    throw new CommandRefused(
      'nothing-to-change',
      `Task ${task.id} is ${task.state} already, with that person and time.`,
    )
  if (state === 'open' && task.state !== 'open') requireRoom(tasks)
  return [{ type: 'task-set', at, by, task: task.id, state, person, dueAt, changed }]
}

/** Rule T2: no more than `mostOpenTasks` are open at once. */
function requireRoom(tasks: readonly Task[]): void {
  if (tasks.filter(({ state }) => state === 'open').length >= mostOpenTasks)
    throw new CommandRefused('phase-forbids', `${mostOpenTasks} tasks are open. Finish or drop some of them first.`)
}

/** The list after one more fact about it. */
export function evolveTasks(
  tasks: readonly Task[] = [],
  fact: FactOf<'task-added'> | FactOf<'task-set'>,
): readonly Task[] {
  if (fact.type === 'task-added') {
    const { task: id, text, person, dueAt, at } = fact
    return [...tasks, { id, text, state: 'open', person, dueAt, addedAt: at, changedAt: at }]
  }
  const { task: id, state, person, dueAt, at } = fact
  return tasks.map((task) =>
    task.id === id ? { ...task, state, person, dueAt, changedAt: state === task.state ? task.changedAt : at } : task,
  )
}

/** When the next open task falls due, or fell due. @returns epoch ms; null: none has a time */
export function nextTaskDueAt(tasks: readonly Task[]): number | null {
  const due = tasks.flatMap(({ state, dueAt }) => (state === 'open' && dueAt !== null ? [dueAt] : []))
  return due.length === 0 ? null : Math.min(...due)
}
