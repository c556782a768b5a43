#ifndef PROTO_VIEW_CODEC_H
#define PROTO_VIEW_CODEC_H
/* Any view of src/model/view.def to JSON and back, driven by its descriptor.
 * Encoding writes every field; decoding ignores keys it does not know, leaves
 * at zero what is missing, and refuses what has another type. Pure; any
 * thread. */
#include "src/base/err.h"
#include "src/base/str.h"
#include "src/model/view.h"

#define VIEW_MAX_BYTES (64u << 20)
#define VIEW_MAX_ITEMS 200000 /* in all lists of one view together */
#define VIEW_MAX_DEPTH 32

/* Appends one object. A double that is not finite is written as -1, which
 * view.def reads as unknown. */
void view_encode(const struct view_desc *d, const void *view, struct str *out);

/* json need not end in NUL. *view must be zeroed or clear; after an error it
 * is clear, otherwise view_clear() frees it. */
struct err *view_decode(const struct view_desc *d, const char *json, size_t n,
	void *view) must_check;

/* The same in slices, for who has a key to answer in between: a large section
 * takes tens of milliseconds. */
struct view_reader;

/* Takes the text. */
struct view_reader *view_reader_new(const struct view_desc *d,
	struct str *json_taken);
void view_reader_free(struct view_reader *r);
/* Reads up to `items` more of the section's rows; false when it is at the end,
 * good or bad. */
bool view_reader_step(struct view_reader *r, size_t items);
/* After the end: fills *view as view_decode() does. */
struct err *view_reader_finish(struct view_reader *r, void *view) must_check;
#endif
