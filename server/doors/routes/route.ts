import { z } from 'zod'
import type { Action } from '#shared/access.ts'
import { UxbridgeError } from '#shared/errors.ts'
import type { Browser, Doer, Identity } from '../../access/port.ts'
import type { VendorAnswer } from '../../intake/port.ts'
import type { Refusal } from '../refusal.ts'

/** Refuses in the shape that a vendor's clients expect. `refusal` is the error as our own doors would answer it. */
export type Refuse = (error: unknown, refusal: Refusal) => VendorAnswer

/** An answer that is JSON already, in pieces: for what is too long to be made in one go. */
export class JsonPieces {
  readonly pieces: AsyncIterable<string>
  constructor(pieces: AsyncIterable<string>) {
    this.pieces = pieces
  }
}

/** A file, to be saved and never opened where it stands (trust.md: Hardening). */
export class FileAnswer {
  readonly name: string
  readonly mediaType: string
  readonly size: number
  readonly content: AsyncIterable<Uint8Array>
  constructor(file: Pick<FileAnswer, 'name' | 'mediaType' | 'size' | 'content'>) {
    this.name = file.name
    this.mediaType = file.mediaType
    this.size = file.size
    this.content = file.content
  }
}

/** A file on its way in. */
export interface FileBody<S> {
  said: S
  content: AsyncIterable<Uint8Array>
}

/** A request after the gate: who sends it is known and allowed, what it says is valid. */
export interface Call<P = unknown, Q = unknown, B = unknown, U = unknown> {
  params: P
  query: Q
  body: B
  /** Of routes that take a file: what its headers say, and its bytes as they come. */
  upload: U
  /** Null only on routes whose action is `public`. */
  identity: Identity | null
  /** Who asks and from where, as the audit says it. */
  who: Doer
  browser: Browser
  reply: {
    setHeader(name: string, value: string): void
    /** Sets or clears the session's cookie. */
    setCookie(cookie: string): void
  }
}

/** One HTTP route, as data: what drives registration, authorisation, validation and the OpenAPI document. */
export interface Route {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** Express path: `/api/incidents/:id`. */
  path: string
  action: Action
  /** Also for whoever is on this machine and not behind a proxy. */
  orLoopback: boolean
  /** For whoever watches the server: not counted, or strangers at the same address could make it look dead. */
  watched: boolean
  /** Null: with our own error body. */
  refuse: Refuse | null
  /** Methods of this address that another door answers. */
  elsewhere: readonly string[]
  /** Group in the document. */
  tag: string
  summary: string
  params: z.ZodObject | null
  query: z.ZodObject | null
  body: z.ZodType | null
  /** It takes a file, whose bytes are the body as it is: the headers that say what it is. */
  upload: z.ZodObject | null
  /** Longest body after decompression, where it is not the usual one. */
  bodyBytes: number | null
  /** Reads the body in place of its schema alone, for refusals that are more exact. */
  read: ((value: unknown) => unknown) | null
  /** `text` and `file` for what is no JSON; null for no body, with 204 unless `status` says otherwise. */
  answer: z.ZodType | 'text' | 'file' | null
  status: 200 | 201 | 202 | 204
  run(call: Call): unknown
}

type Output<S> = S extends z.ZodType ? z.output<S> : undefined

/** Declares a route with its handler typed by its schemas. Rule A1: there is no route without an action. */
export function route<
  P extends z.ZodObject | null = null,
  Q extends z.ZodObject | null = null,
  B extends z.ZodType | null = null,
  A extends z.ZodType | 'text' | 'file' | null = null,
  U extends z.ZodObject | null = null,
>(spec: {
  method: Route['method']
  path: string
  action: Action
  orLoopback?: boolean
  watched?: boolean
  refuse?: Refuse
  elsewhere?: readonly string[]
  tag: string
  summary: string
  params?: P
  query?: Q
  body?: B
  upload?: U
  read?: (value: unknown) => Output<B>
  answer: A
  status?: 200 | 201 | 202
  bodyBytes?: number
  run(
    call: Call<Output<P>, Output<Q>, Output<B>, FileBody<Output<U>>>,
  ): Answer<A> | JsonPieces | Promise<Answer<A> | JsonPieces>
}): Route {
  return {
    method: spec.method,
    path: spec.path,
    action: spec.action,
    orLoopback: spec.orLoopback ?? false,
    watched: spec.watched ?? false,
    refuse: spec.refuse ?? null,
    elsewhere: spec.elsewhere ?? [],
    tag: spec.tag,
    summary: spec.summary,
    params: spec.params ?? null,
    query: spec.query ?? null,
    body: spec.body ?? null,
    upload: spec.upload ?? null,
    bodyBytes: spec.bodyBytes ?? null,
    read: spec.read ?? null,
    answer: spec.answer,
    status: spec.status ?? (spec.answer === null ? 204 : 200),
    // The gate has parsed with the same schemas.
    run: spec.run as Route['run'],
  }
}
type Answer<A> = A extends 'text'
  ? string
  : A extends 'file'
    ? FileAnswer
    : A extends z.ZodType
      ? z.input<A>
      : undefined

/** @throws UxbridgeError `not-signed-in` */
export function signedIn(call: Pick<Call, 'identity'>): Identity {
  if (call.identity === null)
    throw new UxbridgeError('not-signed-in', 'Sign in first, or send an API token as a bearer token.')
  return call.identity
}

/** The person who asks. @throws UxbridgeError `not-allowed` for a machine */
export function personOf(call: Pick<Call, 'identity'>): string {
  const { personId } = signedIn(call).actor
  if (personId === null) throw new UxbridgeError('not-allowed', 'Only a person can do this; this token is a machine’s.')
  return personId
}

export const iso = (at: number): string => new Date(at).toISOString()
export const isoOrNull = (at: number | null): string | null => (at === null ? null : iso(at))
export const instant = z.iso.datetime({ precision: 3 })
/** An opaque id in a path. */
export const idParams = z.strictObject({ id: z.string().min(1).max(80) })
