import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/versions/*.versions.ts'],
    testTimeout: 90_000,
    hookTimeout: 90_000,
    // One case after the other; the first that fails does not keep the others from telling.
    fileParallelism: false,
  },
});
