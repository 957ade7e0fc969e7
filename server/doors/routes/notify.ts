import { preferencesSchema } from '#shared/notify/preferences.ts'
import {
  actAnswerSchema,
  actLookSchema,
  actSchema,
  actTokenSchema,
  myNotifySchema,
  pushAnswerSchema,
  pushEndpointSchema,
  pushKeySchema,
  pushSubscriptionSchema,
  reachViewSchema,
  testAnswerSchema,
  testSendSchema,
} from '#shared/notify/view.ts'
import type { NotifyDesk } from '../../tell/index.ts'
import { personOf, type Route, route } from './route.ts'

const tag = 'Notifications'

export interface NotifyRouteParts {
  notify: NotifyDesk
}

export function notifyRoutes({ notify }: NotifyRouteParts): Route[] {
  return [
    route({
      method: 'get',
      path: '/api/notify/preferences',
      action: 'token.manage',
      tag,
      summary: 'How I am told: which ways lead to me, for which tiers, and when it is quiet',
      answer: myNotifySchema,
      run: (call) => notify.mine(personOf(call)),
    }),
    route({
      method: 'put',
      path: '/api/notify/preferences',
      action: 'token.manage',
      tag,
      summary: 'Choose how I am told',
      body: preferencesSchema,
      answer: myNotifySchema,
      run: (call) => notify.choose(call.who, personOf(call), call.body),
    }),
    route({
      method: 'post',
      path: '/api/notify/test',
      action: 'token.manage',
      tag,
      summary: 'Send a test to myself; that it did not arrive is an answer',
      body: testSendSchema,
      answer: testAnswerSchema,
      run: (call) => notify.test(personOf(call), call.body.channel),
    }),
    route({
      method: 'get',
      path: '/api/notify/push-key',
      action: 'token.manage',
      tag,
      summary: 'The public key with which a browser subscribes to web push (VAPID)',
      answer: pushKeySchema,
      run: () => ({ key: notify.pushKey() }),
    }),
    route({
      method: 'post',
      path: '/api/notify/push',
      action: 'token.manage',
      tag,
      summary: 'Subscribe this browser, as `PushSubscription.toJSON()` gives it; the same again changes nothing',
      body: pushSubscriptionSchema,
      answer: pushAnswerSchema,
      run: async (call) => ({ browsers: await notify.subscribe(call.who, personOf(call), call.body) }),
    }),
    route({
      method: 'delete',
      path: '/api/notify/push',
      action: 'token.manage',
      tag,
      summary: 'Unsubscribe this browser',
      body: pushEndpointSchema,
      answer: pushAnswerSchema,
      run: async (call) => ({ browsers: await notify.unsubscribe(call.who, personOf(call), call.body.endpoint) }),
    }),
    route({
      method: 'get',
      path: '/api/notify/reach',
      action: 'incident.command',
      tag,
      summary: 'Whom a page would reach now, and what the outbox does',
      answer: reachViewSchema,
      run: () => notify.reach(),
    }),
    route({
      method: 'post',
      path: '/api/act/look',
      action: 'public',
      tag,
      summary: 'What a link of a message would do; does nothing',
      body: actTokenSchema,
      answer: actLookSchema,
      run: ({ body, identity, who }) => notify.look(body.token, { identity, address: who.address }),
    }),
    route({
      method: 'post',
      path: '/api/act',
      action: 'public',
      tag,
      summary: 'Do what the link of a message is for, once, as the person it was made for',
      body: actSchema,
      answer: actAnswerSchema,
      run: ({ body, identity, who }) => notify.act(body.token, body.readBack, { identity, address: who.address }),
    }),
  ]
}
