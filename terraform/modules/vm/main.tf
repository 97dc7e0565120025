locals {
  instance_types = {
    small  = "t3.small"
    medium = "t3.medium"
    large  = "t3.large"
  }

  # The module's own tags win: who owns the host must not depend on a free label.
  tags = merge(var.tags, { Name = var.name, Owner = var.owner })

  expires_at = (
    var.time_to_live_hours == null
    ? null
    : timeadd(terraform_data.created.output, "${var.time_to_live_hours}h")
  )
}

# The moment of the first apply. Expiry counts from here and never moves: a plan that computed it from "now"
# would never be empty.
resource "terraform_data" "created" {
  input = timestamp()

  lifecycle {
    ignore_changes = [input]
  }
}

# EC2 keeps an instance when its Name tag changes; here, as on the local platform, another name is another machine.
resource "terraform_data" "name" {
  input = var.name
}

resource "aws_security_group" "this" {
  name_prefix = "${var.name}-"
  description = "Host ${var.name}: reached by the workers alone"
  vpc_id      = var.vpc_id
  tags        = local.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "worker" {
  for_each = toset([for port in setunion([22], var.service_ports) : tostring(port)])

  security_group_id            = aws_security_group.this.id
  description                  = "Port ${each.key} from the workers"
  referenced_security_group_id = var.worker_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = tonumber(each.key)
  to_port                      = tonumber(each.key)
}

# Package mirrors over HTTP, everything else (Session Manager among it) over HTTPS.
resource "aws_vpc_security_group_egress_rule" "web" {
  for_each = toset(["80", "443"])

  security_group_id = aws_security_group.this.id
  description       = "Port ${each.key} to package mirrors and AWS"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = tonumber(each.key)
  to_port           = tonumber(each.key)
}

resource "aws_instance" "this" {
  ami                         = var.ami_id
  instance_type               = local.instance_types[var.size]
  subnet_id                   = var.subnet_id
  private_ip                  = var.address
  associate_public_ip_address = false
  vpc_security_group_ids      = [aws_security_group.this.id]
  iam_instance_profile        = var.instance_profile_name
  ebs_optimized               = true
  monitoring                  = true
  tags                        = local.tags

  # The account that Ansible connects with. Debian has no package for EC2 Instance Connect, so sshd asks the instance's
  # metadata itself for the keys that are let in for a minute. Its path belongs to root alone, as sshd demands.
  user_data = <<-EOT
    #cloud-config
    users:
      - name: ops
        gecos: Operations
        shell: /bin/bash
        lock_passwd: true
        sudo: "ALL=(ALL) NOPASSWD:ALL"
    package_update: true
    packages: [curl, python3, python3-apt, sudo]
    write_files:
      - path: /usr/libexec/instance-connect-keys
        permissions: "0755"
        content: |
          #!/bin/sh
          set -eu
          metadata=http://169.254.169.254/latest
          token=$(curl -fsS -m 3 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 30' "$metadata/api/token")
          curl -fsS -m 3 -H "X-aws-ec2-metadata-token: $token" \
            "$metadata/meta-data/managed-ssh-keys/active-keys/$1/" | grep -E '^(ssh|ecdsa)-' || true
      - path: /etc/ssh/sshd_config.d/20-instance-connect.conf
        permissions: "0644"
        content: |
          AuthorizedKeysCommand /usr/libexec/instance-connect-keys %u
          AuthorizedKeysCommandUser nobody
    runcmd:
      - [systemctl, try-reload-or-restart, ssh]
  EOT

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
    instance_metadata_tags      = "disabled"
  }

  root_block_device {
    encrypted             = true
    kms_key_id            = var.kms_key_arn
    volume_type           = "gp3"
    volume_size           = var.root_volume_gib
    delete_on_termination = true
    tags                  = local.tags
  }

  lifecycle {
    replace_triggered_by = [terraform_data.name]
  }
}
