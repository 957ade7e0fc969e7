export { type Metrics, makeMetrics } from './metrics.ts'
export {
  type ChannelDesk,
  type ChannelState,
  type Channels,
  channelUse,
  openChannels,
  unknownChannelsIn,
} from './notify/channels/index.ts'
export { type Notify, type NotifyDesk, openNotify } from './notify/index.ts'
export { frameEveryMs, makeTelling, type Telling } from './telling.ts'
