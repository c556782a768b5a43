/* Files under /stream/: rings, what a drop takes along, what is served. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/net/fetch.h"
#include "src/role/shelf.h"

static struct log *root;
static struct net *net;
static struct shelf *shelf;

static int open_shelf(void **state)
{
	(void)state;
	log_set_quiet(1);
	root = log_new("test", NULL);
	net = net_new(root);
	shelf = shelf_new(net);
	return 0;
}

static int close_shelf(void **state)
{
	(void)state;
	net_free(net);
	shelf_free(shelf);
	log_free(root);
	return 0;
}

static void put(const char *dir, const char *name, enum shelf_keep keep,
	const char *text)
{
	shelf_put(shelf, dir, name, keep, blob_new(text, strlen(text)));
}

struct question {
	const char *path;
	char text[32];
	bool there;
};

static void on_find(void *ctx)
{
	struct question *q = ctx;
	struct blob *b = shelf_find(shelf, q->path);

	q->there = b;
	snprintf(q->text, sizeof(q->text), "%.*s", (int)blob_size(b),
		(const char *)blob_data(b));
}

static bool has(const char *path, const char *text)
{
	struct question q = {.path = path};

	actor_call(net_actor(net), on_find, &q);
	return q.there && (!text || !strcmp(q.text, text));
}

static void ring_of_twelve_per_directory(void **state)
{
	char name[16];

	(void)state;
	put("s", "other.tempfile", SHELF_RING, "x");
	put("s/240p", "live.m3u8", SHELF_KEEP, "list");
	for (int i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "%d.ts", i);
		put("s/240p", name, SHELF_RING, name);
	}
	assert_true(has("s/240p/0.ts", "0.ts"));
	put("s/240p", "5.ts", SHELF_RING, "anew"); /* takes no new place */
	assert_true(has("s/240p/0.ts", "0.ts"));
	assert_true(has("s/240p/5.ts", "anew"));
	put("s/240p", "12.ts", SHELF_RING, "12");
	assert_false(has("s/240p/0.ts", NULL));
	assert_true(has("s/240p/1.ts", "1.ts"));
	assert_true(has("s/other.tempfile", "x"));
	assert_true(has("s/240p/live.m3u8", "list"));
}

static void drop_takes_all_below(void **state)
{
	(void)state;
	put("", "movie.m3u8", SHELF_KEEP, "m");
	put("movie", "240p.m3u8", SHELF_KEEP, "m");
	put("movie/240p", "0.ts", SHELF_RING, "m");
	put("movie2/240p", "0.ts", SHELF_RING, "2");
	put("", "movie2.m3u8", SHELF_KEEP, "2");
	shelf_drop(shelf, "movie");
	assert_false(has("movie.m3u8", NULL));
	assert_false(has("movie/240p.m3u8", NULL));
	assert_false(has("movie/240p/0.ts", NULL));
	assert_true(has("movie2/240p/0.ts", "2"));
	assert_true(has("movie2.m3u8", "2"));
	/* And its ring is a new one. */
	put("movie/240p", "1.ts", SHELF_RING, "again");
	assert_true(has("movie/240p/1.ts", "again"));
}

/* --- over HTTP --- */

static _Atomic(struct response *) answer;

static void on_answer(void *ctx, struct err *taken, void *result)
{
	(void)ctx;
	if (taken)
		abort();
	atomic_store(&answer, (struct response *)result);
}

static struct response *ask(const char *method, struct port *port,
	const char *path)
{
	char url[256];
	struct response *r;

	snprintf(url, sizeof(url), "http://%s%s", port_address(port), path);
	fetch_start(net, fetch_new(method, url),
		(struct reply){.fn = on_answer});
	/* fetch.h: every fetch is answered, within its 60 s. */
	while (!(r = atomic_exchange(&answer, NULL)))
		actor_call(net_actor(net), on_find,
			&(struct question){.path = ""});
	return r;
}

static void is_served(struct port *port, const char *path, int status,
	const char *type, const char *body)
{
	struct response *r = ask("GET", port, path);

	assert_int_equal(r->status, status);
	assert_string_equal(response_header(r, "Content-Type"), type);
	assert_int_equal(blob_size(r->body), strlen(body));
	assert_memory_equal(blob_data(r->body), body, strlen(body));
	response_free(r);
}

static void serves(void **state)
{
	struct router *router = router_new();
	struct port_options o = {.kind = PORT_HTTP, .address = "127.0.0.1:0",
		.router = router};
	struct port *port;
	struct response *r;

	(void)state;
	router_add(router, "/stream/", &shelf_handler, shelf);
	assert_null(net_listen(net, &o, &port));
	put("", "current.m3u8", SHELF_KEEP, "now");
	put("a b", "1.ts", SHELF_RING, "ts");
	put("a b", "1.mp4", SHELF_RING, "mp4");
	put("a b", "1.phash", SHELF_RING, "hash");
	is_served(port, "/stream/CURRENT.m3u8", 200, "application/x-mpegURL",
		"now");
	is_served(port, "/stream/a%20b/1.ts", 200, "video/mp2t", "ts");
	is_served(port, "/stream/a%20b/1.mp4", 200, "video/mp4", "mp4");
	is_served(port, "/stream/a%20b/1.phash", 200,
		"application/octet-stream", "hash");
	is_served(port, "/stream/a%20b/2.ts", 404, "text/plain; charset=utf-8",
		"ErrNotFound\n");
	is_served(port, "/stream/a%2", 404, "text/plain; charset=utf-8",
		"ErrNotFound\n");
	r = ask("POST", port, "/stream/current.m3u8");
	assert_int_equal(r->status, 405);
	response_free(r);
	net_stop(net);
	router_free(router);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_shelf, close_shelf)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ring_of_twelve_per_directory),
		TEST(drop_takes_all_below),
		TEST(serves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
