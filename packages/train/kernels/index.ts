export {
  attention,
  attentionGradient,
  pointwiseAttention,
  pointwiseAttentionGradient,
} from './attention'
export {
  addToRows,
  dropout,
  gelu,
  geluGradient,
  lookup,
  product,
  relu,
  reluGradient,
  scale,
  sigmoid,
  sigmoidGradient,
  silu,
  siluGradient,
  sum,
  sumRow,
} from './elementwise'
export {
  addInnerGradients,
  addPicked,
  addRows,
  binaryLoss,
  innerProducts,
  sampledSoftmaxLoss,
  softmaxLoss,
} from './losses'
export { addColumnSums, matMul, transpose } from './matmul'
export { layerNorm, layerNormGradient, unitRows, unitRowsGradient } from './normalize'
export { adam, reduce } from './optimizer'
