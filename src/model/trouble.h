#ifndef SRC_MODEL_TROUBLE_H
#define SRC_MODEL_TROUBLE_H
/* Error texts of peers, in words an operator can act on (trouble.def). Pure. */

struct trouble {
	const char *words, *meaning, *remedy;
};
/* NULL: not in the dictionary. */
const struct trouble *trouble_find(const char *text);
#endif
