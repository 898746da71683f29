# What Comprehend's models learn from: objects of the data layer, objects that lie elsewhere already, or files of the project,
# which are put into the layer's own bucket before training begins.

locals {
  files_root = coalesce(var.files_root, "${path.module}/../../..")

  training_places = merge(
    merge([
      for name, model in var.document_classifiers : {
        for what, place in { training = model.training, test = model.test } : "classifiers/${name}/${what}" => place if place != null
      }
    ]...),
    merge([
      for name, model in var.entity_recognizers : {
        for what, place in { documents = model.documents, annotations = model.annotations, entity_list = model.entity_list } :
        "recognizers/${name}/${what}" => place if place != null
      }
    ]...),
  )
  training_files = { for key, place in local.training_places : key => place.file if place.file != null }

  # <bucket>/<key> of each.
  training_objects = {
    for key, place in local.training_places : key => (
      place.file != null ? "${local.models_bucket}/training/${key}/${basename(place.file)}" :
      place.uri != null ? trimprefix(place.uri, "s3://") :
      "${var.bucket_names[place.bucket]}/${place.key}"
    )
  }
  training_key_arns = sort(distinct([for place in values(local.training_places) : place.kms_key_arn if place.kms_key_arn != null]))
}

resource "aws_s3_object" "training" {
  for_each = local.training_files

  bucket      = module.models_bucket[0].name
  key         = trimprefix(local.training_objects[each.key], "${local.models_bucket}/")
  source      = "${local.files_root}/${each.value}"
  source_hash = filesha256("${local.files_root}/${each.value}")
  kms_key_id  = var.kms_key_arn
}
