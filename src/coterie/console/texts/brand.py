"""The brand's settings."""

from __future__ import annotations

WORDS = {
    "brand.title": ("品牌设置", "Brand"),
    "brand.lead": (
        "名称、颜色和图片用于所有页面，包括会员手机端和收银台。",
        "Name, colours and images on every page: console, members' phones and tills.",
    ),
    "brand.look": ("外观", "Look"),
    "brand.name_zh": ("中文名称", "Name in Chinese"),
    "brand.name_en": ("英文名称", "Name in English"),
    "brand.name_hint": ("留空则使用规则中的名称。", "Empty: the programme's name is shown."),
    "brand.colour": ("主色", "Colour of buttons and links"),
    "brand.colour_hint": (
        "在白底上须清晰可读（对比度不低于 4.5）；深色主题会自动调亮。",
        "It must be readable on white (contrast 4.5); it is lightened for the dark theme.",
    ),
    "brand.card_colour": ("会员卡颜色", "Colour of the member's card"),
    "brand.card_colour_hint": (
        "等级没有卡面图片时使用。",
        "Where a tier has no image of its own.",
    ),
    "brand.language": ("默认语言", "Language by default"),
    "brand.language_hint": (
        "仅在访客浏览器未指定中文或英文时使用。",
        "Where a visitor's browser asks for neither Chinese nor English.",
    ),
    "brand.zh": ("中文", "Chinese"),
    "brand.en": ("英文", "English"),
    "brand.save": ("保存", "Save"),
    "brand.saved": ("品牌设置已保存。", "The brand is saved."),
    "brand.images": ("图片", "Images"),
    "brand.logo": ("标志", "Logo"),
    "brand.card": ("会员卡卡面", "Card face"),
    "brand.card_of": ("{tier}卡面", "Card face of {tier}"),
    "brand.where": ("用于", "Shown as"),
    "brand.image": ("图片", "Image"),
    "brand.measures": ("尺寸", "Size"),
    "brand.image_hint": (
        "PNG、JPEG 或 WebP，不超过 512 KB，边长 16 到 2048 像素。",
        "PNG, JPEG or WebP, up to 512 KB, sides of 16 to 2048 pixels.",
    ),
    "brand.upload": ("上传", "Upload"),
    "brand.remove": ("移除", "Remove"),
    "brand.image_saved": ("图片已更新。", "The image is shown from now on."),
    "brand.image_removed": ("图片已移除。", "The image is gone."),
    "brand.no_images": ("还没有图片", "No images yet"),
    "brand.no_images_why": (
        "没有标志时显示品牌名称，没有卡面时显示会员卡颜色。",
        "Without a logo the name is shown, without a card face the card's colour.",
    ),
    "brand.hosts": ("访问域名", "Host names"),
    "brand.hosts_hint": (
        "每行一个，不含端口。本机名称与 IP 地址始终可用；未列出的域名会被拒绝。",
        "One a line. This machine's names and IP addresses always work; other names are refused.",
    ),
    "brand.hosts_saved": ("域名已保存。", "The host names are saved."),
    "brand.preview": ("效果", "How it looks"),
    "brand.button": ("按钮", "A button"),
    "brand.reason": ("在品牌设置页修改", "changed on the brand's page"),
}
