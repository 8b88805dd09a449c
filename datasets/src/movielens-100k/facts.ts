import type { DatasetFacts } from '../dataset-facts.ts'

/** Facts of MovieLens 100K with timestamps and genres. */
export const movielens100kFacts: DatasetFacts = {
  name: 'movielens-100k',
  title: 'MovieLens 100K with timestamps and genres',
  folder: 'movielens-100k',
  source: 'https://grouplens.org/datasets/movielens/100k/',
  licence:
    'GroupLens terms: research use, no redistribution and no commercial use without permission',
  files: [
    {
      name: 'u.data',
      bytes: 1979173,
      sha256: '06416e597f82b7342361e41163890c81036900f418ad91315590814211dca490',
      gzipBytes: 827905,
      gzipSha256: 'd5cd19fba4562fe2867bf2964d99d97ec55bce45b150df3763dfa8668cf22f4f',
      url: 'https://files.grouplens.org/datasets/movielens/ml-100k/u.data',
    },
    {
      name: 'u.item.utf8',
      bytes: 236356,
      sha256: '390da21c8d0c6a8a4e515af28c299bbbdbcc6fd78e1054fe6e05a772c0d1a547',
      gzipBytes: 46739,
      gzipSha256: '343ac1086685155f2853dc809338ec9168a5a7357e7f78cff2b3d189b32eb0af',
      optional: true,
    },
  ],
  byHand:
    'u.item.utf8 is u.item of ml-100k.zip, converted from ISO-8859-1 to UTF-8; without it items have no titles.',
  counts: { users: 943, items: 1_682, events: 100_000 },
}
