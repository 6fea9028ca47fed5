"""What the small world of the browser's tests promises."""

PROGRAMME = """
programme: house
name: {zh: 山茶铺, en: Camellia}
zone: Asia/Shanghai
money: CNY
currencies:
  points:
    name: {zh: 积分, en: Points}
    worth: "1.00"
    expiry: {model: fixed, days: 90}
metrics:
  spend: {measure: amount, on: order, window: year, name: {zh: 消费, en: Spend}}
rules:
  - code: base
    name: {zh: 消费积分, en: Points for purchases}
    on: order
    earn: {currency: points, units: 1, per: "1.00"}
ladders:
  status:
    name: {zh: 等级, en: Status}
    tiers:
      - {code: leaf, name: {zh: 青叶, en: Leaf}}
      - code: gold
        name: {zh: 金骏, en: Golden}
        reach: {spend: "500.00"}
        benefits: [{zh: 专属茶席, en: A table of your own}]
"""
