/** The version of this monitor; equal to that of package.json. */
export const VERSION = '0.1.0';
