#ifndef TESTS_FUZZ_HTTP_PEER_H
#define TESTS_FUZZ_HTTP_PEER_H
/* A careless user of an HTTP machine, for fuzzing both of them: the first byte
 * of the input chooses how it behaves, the rest is what the peer sends. */
#include "proto/http.h"

#include <stdlib.h>
#include <sys/queue.h>

#define EARLY 1	  /* answers before the request is complete */
#define LENGTH 2  /* knows the answer's length */
#define MUTE 4	  /* leaves every third request unanswered */
#define RESETS 8  /* breaks every fifth answer off */
#define QUIESCE 16 /* wants no more after the third */

/* What somebody keeps of a request until its CLOSED: its own heap object, so
 * that a wrong order of events is a sanitizer's finding. */
struct keep {
	LIST_ENTRY(keep) link;
};
LIST_HEAD(keep_list, keep);

static inline void peer_answer(struct http *m, uint32_t stream, unsigned how)
{
	const struct http_field f = {"grpc-status", "0"};

	http_go_on(m, stream);
	if (how & MUTE && stream % 3 == 0)
		return;
	http_begin(m, stream, 200, &f, 1, how & LENGTH ? 5 : -1);
	http_write(m, stream, blob_new("hello", 5));
	if (how & RESETS && stream % 5 == 0)
		http_reset(m, stream);
	http_finish(m, stream, &f, how & LENGTH ? 0 : 1);
	if (how & QUIESCE && stream >= 3)
		http_quiesce(m);
}

static inline void peer_event(struct http *m, struct http_event *e,
	unsigned how, struct keep_list *all)
{
	struct keep *k;

	switch (e->kind) {
	case HTTP_EVENT_REQUEST:
		if (http_head_value(e->head, "x") == http_head_path(e->head))
			abort();
		k = XNEW(struct keep);
		LIST_INSERT_HEAD(all, k, link);
		http_set_user(m, e->stream, k);
		http_head_free(e->head);
		if (how & EARLY)
			peer_answer(m, e->stream, how);
		break;
	case HTTP_EVENT_DATA:
		if (!e->n || !e->data)
			abort();
		http_consume(m, e->stream, e->n);
		break;
	case HTTP_EVENT_END:
		if (!e->user)
			abort();
		if (!(how & EARLY))
			peer_answer(m, e->stream, how);
		break;
	case HTTP_EVENT_CLOSED:
		k = e->user;
		if (!k) /* a head too large: the machine's own affair */
			break;
		LIST_REMOVE(k, link);
		free(k);
		break;
	}
}

static inline void peer_run(struct http *m, const uint8_t *data, size_t size)
{
	unsigned how = size ? *data++ : 0;
	size_t step = how & 128 ? 1 : how & 64 ? 17 : size, n;
	const uint8_t *out;
	struct keep_list all = LIST_HEAD_INITIALIZER(all);
	struct http_event e;
	struct keep *k;
	bool again;

	for (size_t i = 1; i < size && !http_closing(m); i += step) {
		n = size - i < step ? size - i : step;
		http_feed(m, data, n, (int64_t)i);
		data += n;
		do {
			again = false;
			while (http_next(m, &e)) {
				peer_event(m, &e, how, &all);
				again = true;
			}
			while (http_pending(m, &out))
				again = true;
		} while (again);
	}
	(void)http_in_head(m);
	(void)http_held(m);
	http_free(m);
	while ((k = LIST_FIRST(&all))) {
		LIST_REMOVE(k, link);
		free(k);
	}
}
#endif
