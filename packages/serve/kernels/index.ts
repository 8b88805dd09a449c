export { cutBest, startBest, writeBest } from './best'
export { findNotFinite, keepFlags } from './flags'
export { scanFloat32, scoreFloat32 } from './float32'
export {
  packQuery, readInt8, rescoreInt8, scanInt8, scanInt8Exactly, scoreInt8, storeInt8,
} from './int8'
