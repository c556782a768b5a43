#ifndef PROTO_LADDER_CODEC_H
#define PROTO_LADDER_CODEC_H
/* The part of ladder_json that webhook_json shares. */
#include "proto/json_text.h"
#include "src/model/rendition.h"

/* Appends the array's renditions to *l; ladder_validate() is the caller's. */
struct err *ladder_take_json(struct ladder *l, const json_t *array) must_check;
#endif
