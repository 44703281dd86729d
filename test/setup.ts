/** The CDK's template validator takes seconds to start; the suite about it switches it on again. */
process.env.CDK_VALIDATION ??= 'false';
