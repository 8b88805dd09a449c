import type { DatasetFacts } from '../dataset-facts.ts'

/** Facts of Amazon Beauty 2014, 5-core, in the order of the S3-Rec file. */
export const amazonBeautyFacts: DatasetFacts = {
  name: 'amazon-beauty',
  title: 'Amazon Beauty 2014, 5-core, in the order of the S3-Rec file',
  folder: 'amazon-5core',
  source: 'https://github.com/RUCAIBox/CIKM2020-S3Rec',
  licence: 'none stated; Amazon review data for research use',
  files: [
    {
      name: 'beauty.s3rec.txt',
      bytes: 1090094,
      sha256: '226cce9c3105299ca0db9615d7d3fb32b3175e90da43100ae352599f0f0107b8',
      gzipBytes: 455514,
      gzipSha256: '130feecd42be56718cd3ad9a270d01c1d6bd67915dbc8b2c8a4ca3cc40bb9481',
      url: 'https://raw.githubusercontent.com/RUCAIBox/CIKM2020-S3Rec/2a81540ae18615d88ef88227b0c066e5b74781e5/data/Beauty.txt',
    },
    {
      name: 'beauty_interactions.csv',
      bytes: 9775914,
      sha256: 'ec0f81d4362ea6a372b95abc580484746dfcb6c52bd12bcd5174a5b479a94537',
      gzipBytes: 2912117,
      gzipSha256: '763b6afdf1d303261abac09b57021e15fdec8e710d39c8bf3dc136210b48f2f3',
      optional: true,
    },
    {
      name: 'beauty_asin_phrase.txt',
      bytes: 573272,
      sha256: '1a90f934fe506747f094b181f791ece593e2f86bb15e5420d910e6de4882b456',
      gzipBytes: 241394,
      gzipSha256: 'f29a95caa7b5735b0cead6cb817a62acf1997c429165646298971c91f25c2665',
      optional: true,
    },
  ],
  byHand:
    'beauty_interactions.csv (times) and beauty_asin_phrase.txt (labels) are joined from KingGugu/TiCoSeRec and agiresearch/IDGenRec; without them times are ordinal and items have no titles.',
  counts: { users: 22_363, items: 12_101, events: 198_502 },
}
