/** Words that are easy to say and hard to mishear, 256 of them: one for each byte. Ours; the order is part of the protocol. */
export const WORDS = (
  "acorn album almond amber anchor apple april apron arrow autumn avenue bakery balcony bamboo banana barrel basket beacon beaver bench berry bicycle birch biscuit blanket blossom " +
  "blue bonfire book bottle bowl branch bread breeze bridge broom bucket buffalo butter button cabin cactus camel candle canoe canvas carpet carrot castle cedar cello cereal chalk " +
  "cherry chess chimney cinema circle citrus clay clock cloud clover cobalt coconut coffee comet compass copper coral corner cotton cousin coyote cricket crystal cupboard curtain " +
  "daisy dancer delta desert diamond dinner doctor dolphin donkey door dragon drawer drum eagle earth echo eight elbow eleven ember emerald engine evening falcon family farmer feather " +
  "fern festival fiddle finger five flamingo flannel flute forest fossil fridge four fox friday fruit galaxy garden garlic ginger giraffe glacier glove golden grape granite green guitar " +
  "hammer harbor harvest hazel hedgehog helmet heron hill honey horizon hotel ice indigo island ivory jacket january jasmine jelly jigsaw july jungle kangaroo kettle kitchen kitten " +
  "ladder lagoon lamp lantern lemon letter library lily lion lobster lotus magnet mango maple marble market meadow melon metal middle mill mint mirror monday morning mountain mushroom " +
  "needle nine north nutmeg oak oasis ocean october olive onion orange orchard orchid otter oval oyster paddle palace panda paper parrot parsley pasture peach pearl pebble pelican pencil " +
  "pepper piano picnic pillow pine pirate planet plum pocket polar pony poppy potato pottery pumpkin purple puzzle quartz quilt rabbit radish raft rainbow raven ribbon river " +
  "saddle salad sandal satin scarf seven silver sister table tiger tomato tulip tunnel velvet violin walnut window"
).split(" ");
