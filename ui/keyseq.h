#ifndef UI_KEYSEQ_H
#define UI_KEYSEQ_H
/* What a terminal sends, as keys: UTF-8, and the sequences of function keys,
 * those of terminfo and those that everybody sends. A sequence nobody knows is
 * no key: its letters are not commands. Pure; one owner. */
#include "ui/keys.h"

/* The terminal's answer to PACE_QUESTION: no key of anybody's. */
#define K_ANSWER (K_F1 + 1000)

#define KEYSEQ_BYTES 20 /* "ESC [ < 64 ; 1000 ; 1000 M" is the longest known */
#define KEYSEQ_LEARNT 32
#define KEYSEQ_OUT 2

struct keyseq {
	struct {
		char bytes[KEYSEQ_BYTES];
		int key;
	} learnt[KEYSEQ_LEARNT];
	size_t learnt_n;
	char begun[KEYSEQ_BYTES]; /* not complete yet */
	size_t begun_n;
};

/* Of terminfo; NULL, and what is too long or no sequence, is passed over. */
void keyseq_learn(struct keyseq *k, const char *sequence, int key);
/* The keys that the byte completes: 0 to KEYSEQ_OUT. */
size_t keyseq_feed(struct keyseq *k, char byte, int out[KEYSEQ_OUT]);
/* Whether something is begun: an Esc, or the start of a sequence. */
bool keyseq_is_begun(const struct keyseq *k);
/* Nothing came for a while: an Esc was the key, K_NONE for anything else. */
int keyseq_expire(struct keyseq *k);
#endif
