#include "src/net/router.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct router {
	struct route *routes;
	size_t n;
};

struct router *router_new(void)
{
	return XNEW(struct router);
}

void router_free(struct router *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++)
		free(r->routes[i].path);
	free(r->routes);
	free(r);
}

static struct route *add(struct router *r, const char *path, void *ctx)
{
	struct route *route;

	assert(*path == '/');
	r->routes = xrealloc_array(r->routes, r->n + 1, sizeof(*r->routes));
	route = &r->routes[r->n++];
	*route = (struct route){.path = xstrdup(path), .n = strlen(path),
		.ctx = ctx};
	return route;
}

void router_add(struct router *r, const char *path, const struct handler *h,
	void *ctx)
{
	add(r, path, ctx)->handler = h;
}

void router_add_grpc(struct router *r, const char *path,
	const struct grpc_handler *h, void *ctx)
{
	add(r, path, ctx)->grpc = h;
}

const struct route *router_find(const struct router *r, const char *path)
{
	const struct route *best = NULL;
	size_t n = strlen(path);

	for (size_t i = 0; i < r->n; i++) {
		const struct route *route = &r->routes[i];
		bool prefix = route->path[route->n - 1] == '/';

		if (!route->handler || (best && best->n >= route->n))
			continue;
		if ((prefix ? n >= route->n : n == route->n) &&
			!memcmp(path, route->path, route->n))
			best = route;
	}
	return best;
}

const struct route *router_find_grpc(const struct router *r, const char *path)
{
	size_t n = strlen(path);

	for (size_t i = 0; i < r->n; i++) {
		const struct route *route = &r->routes[i];

		if (route->grpc && route->n == n &&
			!memcmp(path, route->path, n))
			return route;
	}
	return NULL;
}

bool router_has_service(const struct router *r, const char *path, size_t n)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct route *route = &r->routes[i];

		if (route->grpc && route->n > n &&
			!memcmp(path, route->path, n))
			return true;
	}
	return false;
}
