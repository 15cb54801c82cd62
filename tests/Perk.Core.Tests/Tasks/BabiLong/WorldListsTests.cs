using Perk.Core.Tasks;
using Perk.Core.Tasks.BabiLong;

namespace Perk.Core.Tests.Tasks.BabiLong;

public sealed class WorldListsTests
{
    [Fact]
    public void Lists_OfTheSplitsAndTheOriginal_ShareNoWord()
    {
        WorldLists[] all = [WorldLists.Original, WorldLists.Train, WorldLists.Test];
        string[] words = [.. all.SelectMany(l => l.Names), .. all.SelectMany(l => l.Places), .. all.SelectMany(l => l.Objects)];
        Assert.Equal(words.Length, words.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Theory]
    [InlineData(TaskSplit.Train)]
    [InlineData(TaskSplit.Test)]
    public void For_Split_HasManyWords(TaskSplit split)
    {
        var lists = WorldLists.For(split);
        Assert.True(lists.Names.Count >= 40 && lists.Places.Count >= 16 && lists.Objects.Count >= 12);
    }

    [Fact]
    public void Constructor_BadLists_SaysWhichEntry()
    {
        Bad("Names has 0 entries; a world needs at least 1.", [], ["a", "b"], ["c"]);
        Bad("Places has 1 entries; a world needs at least 2.", ["Al"], ["b"], ["c"]);
        Bad("Objects has the entry 'ice cream'; an entry is a single word of the letters A-Z and a-z.", ["Al"], ["a", "b"], ["ice cream"]);
        Bad("'Rose' comes twice in the names, places and objects; each word must stand for one thing.", ["rose"], ["a", "b"], ["Rose"]);

        static void Bad(string message, string[] names, string[] places, string[] objects) =>
            Assert.Equal(message, Assert.Throws<ArgumentException>(() => new WorldLists(names, places, objects)).Message);
    }
}
