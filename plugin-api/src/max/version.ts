/** Major version of the Max contract: every answer of Max carries it in {@link MAX_API_HEADER}. */
export const MAX_API_VERSION = '1';

/** The answer header with the contract's major version. */
export const MAX_API_HEADER = 'max-api';
