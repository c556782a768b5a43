#ifndef SRC_ETH_REVERT_H
#define SRC_ETH_REVERT_H
/* Why a contract refused, in words: what it said, what that means for an
 * operator, and what to do about it (revert.def). Pure; any thread.
 * Sources: livepeer/protocol, OpenZeppelin, docs.soliditylang.org on Error,
 * Panic and custom errors. */
#include "src/base/str.h"

enum revert_reason {
	REVERT_OTHER, /* not in the dictionary */
#define REVERT(id, text, meaning, remedy) REVERT_##id,
#include "src/eth/revert.def"
	REVERT_N,
};

/* Appends what the data of a revert says: the text of Error(string), the name
 * of a Panic or of a custom error with its arguments. false (and nothing
 * appended): no data, or of an unknown kind. Safe for a terminal. */
bool revert_fmt(struct str *out, const uint8_t *data, size_t n);

/* By the contract's own words, wherever in `text` they stand (providers put
 * "execution reverted: " before them). */
enum revert_reason revert_find(const char *text);
const char *revert_text(enum revert_reason r);	  /* the contract's words */
const char *revert_meaning(enum revert_reason r); /* "" for REVERT_OTHER */
const char *revert_remedy(enum revert_reason r);  /* "" likewise */
/* Whether the same call is good later, with nothing to do but wait: a pause, a
 * locked end of a round, a round that nobody has initialised yet. */
bool revert_passes(enum revert_reason r);
#endif
