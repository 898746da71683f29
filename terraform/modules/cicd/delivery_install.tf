# What builds of orchestrator install where delivery says nothing else: Terraform of one version, whose archive has the checksum
# that HashiCorp published, and orchestrator from the source tree that is planned.

locals {
  # A command of several lines ends with the status of its last one, so each is joined by &&.
  install_terraform = var.delivery == null ? "" : <<-EOT
    version=${var.delivery.terraform_version} &&
    case "$(uname -m)" in x86_64) machine=amd64 ;; *) machine=arm64 ;; esac &&
    archive="terraform_$${version}_linux_$${machine}.zip" &&
    base="https://releases.hashicorp.com/terraform/$version" &&
    mkdir -p "$HOME/terraform" && cd "$HOME/terraform" &&
    curl -fsSLO "$base/$archive" && curl -fsSLO "$base/terraform_$${version}_SHA256SUMS" &&
    sha256sum --ignore-missing --check "terraform_$${version}_SHA256SUMS" &&
    unzip -oq "$archive" terraform && cd "$CODEBUILD_SRC_DIR"
  EOT

  install_commands = var.delivery == null ? [] : var.delivery.install_commands != null ? var.delivery.install_commands : [
    local.install_terraform,
    "export PATH=\"$HOME/terraform:$PATH\"",
    "pip install --quiet --disable-pip-version-check .", # not python -m pip: pyenv, which AWS's images have, makes commands known after pip alone
  ]

  # AWS's images bring several Pythons; another image has its own.
  install_phase = merge(
    { commands = local.install_commands },
    { for key in ["runtime-versions"] : key => { python = "3.12" } if try(var.delivery.install_commands == null && var.delivery.image == null, false) },
  )
}
