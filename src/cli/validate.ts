import { setup } from './setup.ts';

/** `maasha validate`: says that a configuration is right, or (by its error) all that is wrong with it. */
export async function validate(file: string | undefined): Promise<void> {
  const { config, checks } = await setup(file);
  const regions = config.regions.map(({ name, vip }) => `${name} (VIP ${vip})`).join(', ');
  process.stdout.write(
    `${config.file}: valid\n  regions: ${regions}\n  checks:  ${checks.map(({ name }) => name).join(', ')}\n`,
  );
}
