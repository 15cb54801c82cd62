using Azure.Storage.Queues.Models;
using Perk.Core.Documents;
using Perk.Core.Jobs;
using Perk.Core.Storage;
using Perk.Tests;

namespace Perk.Core.Tests.Documents;

/// <summary>What lies in the account after a submission. The queues are shared: a test looks for its own collection.</summary>
public sealed class SubmissionTests(AzuriteFixture azurite)
{
    private static readonly byte[] Content = System.Text.Encoding.UTF8.GetBytes(Pipeline.Text);
    private readonly string _collection = azurite.UniqueName("submitted");
    private readonly TickingTime _time = new();

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SendDocument_ABlobAndAMessageThatNeverExpires()
    {
        var (account, submission) = await CreateAsync();
        var sent = await submission.SendDocumentAsync(_collection, Content, "story.txt", Now);
        var document = Ids.Sha256(Content);
        var checkpoint = Pipeline.Source.Id();
        var adapter = Pipeline.Options.AdapterId(_collection, document, checkpoint, Pipeline.Source.Meta.Lora);

        Assert.Equal(
            Content,
            await account.Objects.ReadAllBytesAsync(new ObjectName("documents", $"{_collection}/{document}/content"), Now));
        Assert.True(await account.Objects.ExistsAsync(new ObjectName("documents", $"{_collection}/{document}/source.json"), Now));

        var message = await OwnMessageAsync(account, "encode");
        Assert.Equal(
            ($"{{'v':1,'collection':'{_collection}','document':'{document}','checkpoint':'{checkpoint}',"
                + $"'job':'encode-{adapter}','generation':1,'traceparent':'{sent.Traceparent}'}}").Replace('\'', '"'),
            message.Body.ToString());
        Assert.Equal(sent, EncodeMessage.Parse(message.Body.ToMemory()));
        Assert.Equal(9999, message.ExpiresOn!.Value.Year);
    }

    [Fact]
    public async Task SendDocument_WhatTheHostExpects_IsEncodedAndAnswered()
    {
        var (account, submission) = await CreateAsync();
        var sent = await submission.SendDocumentAsync(_collection, Content, null, Now);
        using var host = new Pipeline(account.Objects);
        Assert.Equal(JobStatus.Succeeded, (await host.DeliverAsync(sent)).Record!.Status);

        var asked = await submission.SendQuestionsAsync(_collection, sent.Document, ["Who gave it back?"], Now);
        Assert.Equal(JobStatus.Succeeded, (await host.DeliverAsync(asked)).Record!.Status);
        var answer = await host.AnswerAsync(Assert.Single(asked.Questions).Id, _collection);
        Assert.Equal((JobStatus.Succeeded, sent.Job), (answer.Status, "encode-" + answer.Adapter));
    }

    [Fact]
    public async Task SendQuestions_EachOnce_UnderIdsOfAdapterAndText()
    {
        var (account, submission) = await CreateAsync();
        var document = Ids.Sha256(Content);
        var sent = await submission.SendQuestionsAsync(_collection, document, ["Who?", "Where?", "Who?"], Now);
        var adapter = Pipeline.Options.AdapterId(_collection, document, Pipeline.Source.Id(), Pipeline.Source.Meta.Lora);
        Question[] expected = [new(Ids.Sha256(adapter + "\nWho?"), "Who?"), new(Ids.Sha256(adapter + "\nWhere?"), "Where?")];
        Assert.Equal(expected, sent.Questions);

        var message = await OwnMessageAsync(account, "questions");
        var parsed = QuestionsMessage.Parse(message.Body.ToMemory());
        Assert.Equal(sent.ToJson(), parsed.ToJson());
        Assert.Equal((document, adapter, Pipeline.Source.Id()), (parsed.Document, parsed.Adapter, parsed.Checkpoint));
        Assert.Equal(Names.AskJob(Ids.Sha256($"{expected[0].Id}\n{expected[1].Id}")), parsed.Job);
        Assert.Equal(9999, message.ExpiresOn!.Value.Year);
    }

    [Fact]
    public async Task SendQuestions_NoneOrUnfit_RefusedAndNothingSent()
    {
        var (account, submission) = await CreateAsync();
        var document = Ids.Sha256(Content);
        var e = await Assert.ThrowsAsync<ArgumentException>(() => submission.SendQuestionsAsync(_collection, document, [], Now));
        Assert.Contains("ask at least one", e.Message);
        var adapter = Pipeline.Options.AdapterId(_collection, document, Pipeline.Source.Id(), Pipeline.Source.Meta.Lora);
        var failed = new StoredAnswer
        {
            Id = Ids.Sha256(adapter + "\nWho?"),
            Question = "Who?",
            Status = JobStatus.Failed,
            Checkpoint = Pipeline.Source.Id(),
            Answered = _time.GetUtcNow(),
        };
        await failed.SaveAsync(account.Objects, _collection, Now);
        foreach (var unfit in new[] { " ", new string('?', QuestionsMessage.LongestText + 1) })
            await Assert.ThrowsAsync<MessageFormatException>(() =>
                submission.SendQuestionsAsync(_collection, document, ["Who?", unfit], Now));
        await Assert.ThrowsAsync<MessageFormatException>(() => submission.SendQuestionsAsync(
            _collection, document, Enumerable.Range(0, QuestionsMessage.MostQuestions + 1).Select(i => $"What is {i}?"), Now));
        await Assert.ThrowsAsync<Xunit.Sdk.SingleException>(() => OwnMessageAsync(account, "questions"));
        Assert.NotNull(await StoredAnswer.FindAsync(account.Objects, _collection, failed.Id, Now)); // Nothing was touched.
    }

    [Fact]
    public async Task Send_AgainAfterAFailure_TheFailureIsForgottenAndASuccessIsNot()
    {
        var (account, submission) = await CreateAsync();
        using var host = new Pipeline(account.Objects);
        var document = Ids.Sha256(Content);
        var asked = await submission.SendQuestionsAsync(_collection, document, ["Who?"], Now);
        var question = asked.Questions[0].Id;
        Assert.Equal(JobStatus.Failed, (await host.DeliverAsync(asked)).Record!.Status);
        Assert.Equal(JobStatus.Failed, (await host.AnswerAsync(question, _collection)).Status);
        var job = Names.EncodeJob(host.Model.AdapterId(_collection, document));
        await host.Ledger.QueueAsync(Names.EncodeQueue, _collection, job, _ => "{}", () => Task.FromResult(false), Now);
        await host.Ledger.EndAsync(_collection, job, 1, JobStatus.Failed, "no", Now);

        var sent = await submission.SendDocumentAsync(_collection, Content, null, Now);
        Assert.Equal((job, 2), (sent.Job, sent.Generation));
        Assert.Equal((JobStatus.Queued, 2), await StandsAsync());
        asked = await submission.SendQuestionsAsync(_collection, document, ["Who?"], Now);
        Assert.Equal(2, asked.Generation);
        Assert.Null(await StoredAnswer.FindAsync(account.Objects, _collection, question, Now));

        await host.DeliverAsync(sent);
        Assert.Equal(JobStatus.Succeeded, (await host.DeliverAsync(asked)).Record!.Status);
        Assert.Equal(2, (await submission.SendDocumentAsync(_collection, Content, null, Now)).Generation);
        Assert.Equal(2, (await submission.SendQuestionsAsync(_collection, document, ["Who?"], Now)).Generation);
        Assert.Equal((JobStatus.Succeeded, 2), await StandsAsync());
        Assert.Equal(JobStatus.Succeeded, (await host.AnswerAsync(question, _collection)).Status);

        async Task<(JobStatus, int)> StandsAsync() => (await host.RecordAsync(job, _collection))! is var record ? (record.Status, record.Generation) : default;
    }

    [Fact]
    public async Task SendDocument_OverTheLimit_RefusedAndNothingSent()
    {
        var (account, submission) = await CreateAsync();
        await Assert.ThrowsAsync<DocumentException>(() =>
            submission.SendDocumentAsync(_collection, new byte[DocumentShelf.MaxBytes + 1], null, Now));
        await Assert.ThrowsAsync<Xunit.Sdk.SingleException>(() => OwnMessageAsync(account, "encode"));
    }

    private async Task<(StorageAccount Account, Submission Submission)> CreateAsync()
    {
        var account = await azurite.AccountAsync();
        await account.EnsureQueuesAsync(Now);
        return (account, new Submission(account, ServedModel.From(Pipeline.Source, Pipeline.Options), _time));
    }

    private async Task<PeekedMessage> OwnMessageAsync(StorageAccount account, string queue)
    {
        var peeked = (await account.Queue(queue).PeekMessagesAsync(32, Now)).Value;
        return Assert.Single(peeked, message => message.Body.ToString().Contains($"\"{_collection}\"", StringComparison.Ordinal));
    }
}
